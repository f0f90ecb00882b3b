-- Only rows that differ are written: in most companies everybody is in a team.
UPDATE integrations_stagedperson
SET is_outside = NOT is_outside
WHERE run_id = %(staging)s
    AND is_outside = (
        is_active
        AND is_readable
        AND integration_id IN (
            SELECT member.person_id
            FROM integrations_stagedmember AS member
            JOIN integrations_stagedteam AS team
                ON team.run_id = member.run_id
                AND team.integration_id = member.team_id
                AND team.is_in_scope
            WHERE member.run_id = %(staging)s
        )
    )
