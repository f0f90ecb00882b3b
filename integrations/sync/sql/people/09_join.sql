-- Members of the run's teams who have no membership yet get one.
INSERT INTO targets_groupmembership (
    account_id, group_id, target_id, is_active, set_by, is_kept, created_at, changed_at
)
SELECT
    %(account)s, group_link.group_id, target_link.target_id, true, 'SYNC', false, %(now)s, %(now)s
FROM integrations_stagedmember AS member
JOIN integrations_stagedteam AS team
    ON team.run_id = member.run_id
    AND team.integration_id = member.team_id
    AND team.is_in_scope
JOIN integrations_stagedperson AS person
    ON person.run_id = member.run_id
    AND person.integration_id = member.person_id
    AND NOT person.is_outside
JOIN integrations_grouplink AS group_link
    ON group_link.connection_id = %(connection)s
    AND group_link.integration_id = member.team_id
JOIN integrations_targetlink AS target_link
    ON target_link.connection_id = %(connection)s
    AND target_link.integration_id = member.person_id
WHERE member.run_id = %(staging)s
    AND NOT EXISTS (
        SELECT 1
        FROM targets_groupmembership AS present
        WHERE present.account_id = %(account)s
            AND present.group_id = group_link.group_id
            AND present.target_id = target_link.target_id
    )
