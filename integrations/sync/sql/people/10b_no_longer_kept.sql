-- Whom the source lists again needs nobody's decision to stay.
UPDATE targets_groupmembership
SET is_kept = false
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
    AND targets_groupmembership.group_id = group_link.group_id
    AND targets_groupmembership.target_id = target_link.target_id
    AND targets_groupmembership.is_kept
