-- Unchanged is who is linked, has the same fields and address, which nobody else claims, and sits where they
-- are read to be: the planner has nothing to say of them. Everybody else is marked, to be planned.
UPDATE integrations_stagedperson
SET is_changed = false
WHERE run_id = %(staging)s AND is_changed;

WITH same AS MATERIALIZED (
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
moving AS MATERIALIZED (
    SELECT same.integration_id
    FROM same
    JOIN integrations_stagedmember AS member
        ON member.run_id = %(staging)s AND member.person_id = same.integration_id
    JOIN integrations_stagedteam AS team
        ON team.run_id = member.run_id
        AND team.integration_id = member.team_id
        AND team.is_in_scope
    LEFT JOIN targets_groupmembership AS seat
        ON seat.group_id = team.group_id AND seat.target_id = same.target_id
    WHERE seat.id IS NULL OR (NOT seat.is_active AND seat.set_by = 'SYNC')
    UNION ALL
    SELECT same.integration_id
    FROM same
    JOIN targets_groupmembership AS seat
        ON seat.target_id = same.target_id AND seat.is_active AND NOT seat.is_kept
    JOIN integrations_stagedteam AS team
        ON team.run_id = %(staging)s AND team.group_id = seat.group_id AND team.is_in_scope
    LEFT JOIN integrations_stagedmember AS member
        ON member.run_id = team.run_id
        AND member.team_id = team.integration_id
        AND member.person_id = same.integration_id
    WHERE member.id IS NULL
),
unchanged AS MATERIALIZED (
    SELECT integration_id
    FROM same
    WHERE NOT EXISTS (SELECT 1 FROM moving WHERE moving.integration_id = same.integration_id)
)
UPDATE integrations_stagedperson
SET is_changed = true
WHERE run_id = %(staging)s
    AND NOT EXISTS (
        SELECT 1
        FROM unchanged
        WHERE unchanged.integration_id = integrations_stagedperson.integration_id
    )
