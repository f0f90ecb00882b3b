-- New people become targets.
INSERT INTO targets_target (
    account_id,
    email,
    email_key,
    first_name,
    last_name,
    name,
    phone_business,
    phone_mobile,
    address_one,
    address_two,
    city,
    state,
    zip,
    country,
    company,
    title,
    timezone,
    language,
    manager,
    optional_1,
    optional_2,
    optional_3,
    is_active,
    is_reachable,
    source,
    created_at,
    updated_at
)
SELECT
    %(account)s,
    staged.email,
    staged.email_key,
    staged.first_name,
    staged.last_name,
    staged.name,
    staged.phone_business,
    staged.phone_mobile,
    staged.address_one,
    staged.address_two,
    staged.city,
    staged.state,
    staged.zip,
    staged.country,
    staged.company,
    staged.title,
    staged.timezone,
    staged.language,
    staged.manager,
    staged.optional_1,
    staged.optional_2,
    staged.optional_3,
    true,
    true,
    %(source)s,
    %(now)s,
    %(now)s
FROM integrations_change AS change
JOIN integrations_stagedperson AS staged
    ON staged.run_id = %(staging)s AND staged.integration_id = change.integration_id
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'CREATE'
ORDER BY change.id
