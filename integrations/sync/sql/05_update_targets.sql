-- Changed people get the fields that were read.
UPDATE targets_target
SET
    email = staged.email,
    email_key = staged.email_key,
    first_name = staged.first_name,
    last_name = staged.last_name,
    name = staged.name,
    phone_business = staged.phone_business,
    phone_mobile = staged.phone_mobile,
    address_one = staged.address_one,
    address_two = staged.address_two,
    city = staged.city,
    state = staged.state,
    zip = staged.zip,
    country = staged.country,
    company = staged.company,
    title = staged.title,
    timezone = staged.timezone,
    language = staged.language,
    manager = staged.manager,
    optional_1 = staged.optional_1,
    optional_2 = staged.optional_2,
    optional_3 = staged.optional_3,
    source = %(source)s,
    updated_at = %(now)s
FROM integrations_change AS change
JOIN integrations_stagedperson AS staged
    ON staged.run_id = change.run_id AND staged.integration_id = change.integration_id
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'UPDATE'
    AND targets_target.id = change.target_id
