-- Only rows that differ are written: in most companies everybody is in a team. One condition a statement, as
-- PostgreSQL hashes neither an OR of them nor a list that is larger than its work_mem.
UPDATE integrations_stagedperson
SET is_outside = true
WHERE run_id = %(staging)s AND NOT is_outside AND NOT (is_active AND is_readable);

UPDATE integrations_stagedperson
SET is_outside = true
WHERE run_id = %(staging)s
    AND NOT is_outside
    AND NOT EXISTS (
        SELECT 1
        FROM integrations_stagedmember AS member
        JOIN integrations_stagedteam AS team
            ON team.run_id = member.run_id
            AND team.integration_id = member.team_id
            AND team.is_in_scope
        WHERE member.run_id = %(staging)s
            AND member.person_id = integrations_stagedperson.integration_id
    );

UPDATE integrations_stagedperson
SET is_outside = false
WHERE run_id = %(staging)s
    AND is_outside
    AND is_active
    AND is_readable
    AND EXISTS (
        SELECT 1
        FROM integrations_stagedmember AS member
        JOIN integrations_stagedteam AS team
            ON team.run_id = member.run_id
            AND team.integration_id = member.team_id
            AND team.is_in_scope
        WHERE member.run_id = %(staging)s
            AND member.person_id = integrations_stagedperson.integration_id
    )
