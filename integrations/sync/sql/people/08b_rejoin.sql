-- Those whom a sync had made inactive are active again; what a person switched off stays off. They are few, and
-- looked for first, before those who are new get their places.
WITH switched_off AS MATERIALIZED (
    SELECT id, group_id, target_id
    FROM targets_groupmembership
    WHERE account_id = %(account)s AND NOT is_active AND set_by = 'SYNC'
)
UPDATE targets_groupmembership
SET is_active = true, changed_at = %(now)s
WHERE id IN (
    SELECT switched_off.id
    FROM switched_off
    JOIN integrations_targetlink AS target_link
        ON target_link.connection_id = %(connection)s
        AND target_link.target_id = switched_off.target_id
    JOIN integrations_grouplink AS group_link
        ON group_link.connection_id = %(connection)s
        AND group_link.group_id = switched_off.group_id
    JOIN integrations_stagedteam AS team
        ON team.run_id = %(staging)s
        AND team.integration_id = group_link.integration_id
        AND team.is_in_scope
    JOIN integrations_stagedperson AS person
        ON person.run_id = %(staging)s
        AND person.integration_id = target_link.integration_id
        AND NOT person.is_outside
    JOIN integrations_stagedmember AS member
        ON member.run_id = %(staging)s
        AND member.team_id = team.integration_id
        AND member.person_id = person.integration_id
)
