-- Whom the source lists again needs nobody's decision to stay.
WITH kept AS MATERIALIZED (
    SELECT id, group_id, target_id
    FROM targets_groupmembership
    WHERE account_id = %(account)s AND is_kept
)
UPDATE targets_groupmembership
SET is_kept = false
WHERE id IN (
    SELECT kept.id
    FROM kept
    JOIN integrations_targetlink AS target_link
        ON target_link.connection_id = %(connection)s
        AND target_link.target_id = kept.target_id
    JOIN integrations_grouplink AS group_link
        ON group_link.connection_id = %(connection)s
        AND group_link.group_id = kept.group_id
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
