-- People who come over with the address of somebody else who comes over.
UPDATE integrations_stagedperson
SET is_contested = false
WHERE run_id = %(staging)s AND is_contested AND is_outside;

WITH claimed AS MATERIALIZED (
    SELECT email_key
    FROM integrations_stagedperson
    WHERE run_id = %(staging)s AND NOT is_outside AND email_key <> ''
    GROUP BY email_key
    HAVING count(*) > 1
)
UPDATE integrations_stagedperson
SET is_contested = false
WHERE run_id = %(staging)s
    AND is_contested
    AND NOT EXISTS (
        SELECT 1 FROM claimed WHERE claimed.email_key = integrations_stagedperson.email_key
    );

WITH claimed AS MATERIALIZED (
    SELECT email_key
    FROM integrations_stagedperson
    WHERE run_id = %(staging)s AND NOT is_outside AND email_key <> ''
    GROUP BY email_key
    HAVING count(*) > 1
)
UPDATE integrations_stagedperson
SET is_contested = true
WHERE run_id = %(staging)s
    AND NOT is_contested
    AND NOT is_outside
    AND EXISTS (
        SELECT 1 FROM claimed WHERE claimed.email_key = integrations_stagedperson.email_key
    )
