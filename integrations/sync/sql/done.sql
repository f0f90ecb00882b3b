-- What was planned is done, and rows about new people point to their targets: each row is written once.
UPDATE integrations_change
SET
    outcome = 'APPLIED',
    target_id = CASE
        WHEN kind = 'PERSON' AND action = 'CREATE' THEN (
            SELECT link.target_id
            FROM integrations_targetlink AS link
            WHERE link.connection_id = %(connection)s
                AND link.integration_id = integrations_change.integration_id
        )
        ELSE target_id
    END
WHERE run_id = %(run)s AND outcome = 'PLANNED'
