-- New targets are linked to the person they come from.
INSERT INTO integrations_targetlink (
    account_id, connection_id, target_id, integration_id, fingerprint, created_at
)
SELECT
    %(account)s,
    %(connection)s,
    target.id,
    staged.integration_id,
    staged.fingerprint,
    %(now)s
FROM integrations_change AS change
JOIN integrations_stagedperson AS staged
    ON staged.run_id = %(staging)s AND staged.integration_id = change.integration_id
JOIN targets_target AS target
    ON target.account_id = %(account)s AND target.email_key = staged.email_key
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'CREATE'
