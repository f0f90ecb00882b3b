-- People found by their e-mail among the account's own are linked.
INSERT INTO integrations_targetlink (
    account_id, connection_id, target_id, integration_id, fingerprint, created_at
)
SELECT
    %(account)s, %(connection)s, change.target_id, change.integration_id, '', %(now)s
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'UPDATE'
    AND change.reason = 'MATCHED_BY_EMAIL'
