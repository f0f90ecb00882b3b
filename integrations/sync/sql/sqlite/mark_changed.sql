-- Unchanged is who is linked, has the same fields and address, which nobody else claims, and sits where they
-- are read to be: the planner has nothing to say of them. Everybody else is marked, to be planned.
WITH same AS (
    SELECT staged.integration_id, link.target_id
    FROM integrations_stagedperson AS staged
    JOIN integrations_targetlink AS link
        ON link.connection_id = %(connection)s
        AND link.integration_id = staged.integration_id
        AND link.fingerprint = staged.fingerprint
        AND link.gone_at IS NULL
    JOIN targets_target AS target
        ON target.id = link.target_id AND target.email_key = staged.email_key
    WHERE staged.run_id = %(staging)s
        AND NOT staged.is_outside
        AND staged.email_problem = ''
        AND NOT staged.is_contested
),
joining AS (
    SELECT member.person_id
    FROM integrations_stagedmember AS member
    JOIN integrations_stagedteam AS team
        ON team.run_id = member.run_id
        AND team.integration_id = member.team_id
        AND team.is_in_scope
    JOIN same ON same.integration_id = member.person_id
    LEFT JOIN targets_groupmembership AS seat
        ON seat.group_id = team.group_id AND seat.target_id = same.target_id
    WHERE member.run_id = %(staging)s
        AND (seat.id IS NULL OR (NOT seat.is_active AND seat.set_by = 'SYNC'))
),
leaving AS (
    SELECT same.integration_id
    FROM integrations_stagedteam AS team
    JOIN targets_groupmembership AS seat
        ON seat.group_id = team.group_id AND seat.is_active AND NOT seat.is_kept
    JOIN same ON same.target_id = seat.target_id
    LEFT JOIN integrations_stagedmember AS member
        ON member.run_id = team.run_id
        AND member.team_id = team.integration_id
        AND member.person_id = same.integration_id
    WHERE team.run_id = %(staging)s AND team.is_in_scope AND member.id IS NULL
)
UPDATE integrations_stagedperson
SET is_changed = NOT is_changed
WHERE run_id = %(staging)s
    AND is_changed = (
        integration_id IN (SELECT integration_id FROM same)
        AND integration_id NOT IN (SELECT person_id FROM joining)
        AND integration_id NOT IN (SELECT integration_id FROM leaving)
    )
