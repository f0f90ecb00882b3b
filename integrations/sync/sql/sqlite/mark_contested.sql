-- People who come over with the address of somebody else who comes over.
UPDATE integrations_stagedperson
SET is_contested = NOT is_contested
WHERE run_id = %(staging)s
    AND is_contested <> (
        NOT is_outside
        AND email_key IN (
            SELECT email_key
            FROM integrations_stagedperson
            WHERE run_id = %(staging)s AND NOT is_outside AND email_key <> ''
            GROUP BY email_key
            HAVING count(*) > 1
        )
    )
