-- Inactive in every group that this run covers.
UPDATE targets_groupmembership
SET is_active = false, set_by = 'SYNC', changed_at = %(now)s
FROM integrations_change AS change
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'DEACTIVATE'
    AND targets_groupmembership.account_id = %(account)s
    AND targets_groupmembership.target_id = change.target_id
    AND targets_groupmembership.is_active
    AND NOT targets_groupmembership.is_kept
    AND targets_groupmembership.group_id IN (
        SELECT team.group_id
        FROM integrations_stagedteam AS team
        WHERE team.run_id = %(staging)s AND team.is_in_scope AND team.group_id IS NOT NULL
    )
