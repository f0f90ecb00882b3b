-- Changed people get the fields that were read, but for those that are kept.
UPDATE targets_target
SET
    email = staged.email,
    email_key = staged.email_key,
    first_name = CASE WHEN %(keep_first_name)s THEN targets_target.first_name ELSE staged.first_name END,
    last_name = CASE WHEN %(keep_last_name)s THEN targets_target.last_name ELSE staged.last_name END,
    name = CASE WHEN %(keep_name)s THEN targets_target.name ELSE staged.name END,
    phone_business = CASE WHEN %(keep_phone_business)s THEN targets_target.phone_business ELSE staged.phone_business END,
    phone_mobile = CASE WHEN %(keep_phone_mobile)s THEN targets_target.phone_mobile ELSE staged.phone_mobile END,
    address_one = CASE WHEN %(keep_address_one)s THEN targets_target.address_one ELSE staged.address_one END,
    address_two = CASE WHEN %(keep_address_two)s THEN targets_target.address_two ELSE staged.address_two END,
    city = CASE WHEN %(keep_city)s THEN targets_target.city ELSE staged.city END,
    state = CASE WHEN %(keep_state)s THEN targets_target.state ELSE staged.state END,
    zip = CASE WHEN %(keep_zip)s THEN targets_target.zip ELSE staged.zip END,
    country = CASE WHEN %(keep_country)s THEN targets_target.country ELSE staged.country END,
    company = CASE WHEN %(keep_company)s THEN targets_target.company ELSE staged.company END,
    title = CASE WHEN %(keep_title)s THEN targets_target.title ELSE staged.title END,
    timezone = CASE WHEN %(keep_timezone)s THEN targets_target.timezone ELSE staged.timezone END,
    language = CASE WHEN %(keep_language)s THEN targets_target.language ELSE staged.language END,
    manager = CASE WHEN %(keep_manager)s THEN targets_target.manager ELSE staged.manager END,
    optional_1 = CASE WHEN %(keep_optional_1)s THEN targets_target.optional_1 ELSE staged.optional_1 END,
    optional_2 = CASE WHEN %(keep_optional_2)s THEN targets_target.optional_2 ELSE staged.optional_2 END,
    optional_3 = CASE WHEN %(keep_optional_3)s THEN targets_target.optional_3 ELSE staged.optional_3 END,
    source = %(source)s,
    updated_at = %(now)s
FROM integrations_change AS change
JOIN integrations_stagedperson AS staged
    ON staged.run_id = %(staging)s AND staged.integration_id = change.integration_id
WHERE change.run_id = %(run)s
    AND change.outcome = 'PLANNED'
    AND change.kind = 'PERSON'
    AND change.action = 'UPDATE'
    AND targets_target.account_id = %(account)s
    AND targets_target.id = change.target_id
