from django.urls import path

from training.views import (
    campaigns,
    changes,
    enrollments,
    hooks,
    imports,
    lms,
    lms_page,
    repeat,
    replacing,
)

app_name = "training"
urlpatterns = [
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new/", campaigns.edit, name="new_campaign"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", campaigns.edit, name="edit_campaign"),
    path("campaigns/<int:pk>/start/", campaigns.start, name="start_campaign"),
    path("campaigns/<int:pk>/end/", campaigns.end, name="end_campaign"),
    path("campaigns/<int:pk>/secret/", campaigns.secret, name="campaign_secret"),
    path("campaigns/<int:pk>/import/", imports.actions, name="import_actions"),
    path("campaigns/<int:pk>/withdraw-bots/", changes.withdraw_bots, name="withdraw_bots"),
    path("campaigns/repeat-offenders/", repeat.rule_list, name="repeat_rules"),
    path("campaigns/repeat-offenders/new/", repeat.edit, name="new_repeat_rule"),
    path("campaigns/repeat-offenders/<int:pk>/", repeat.edit, name="edit_repeat_rule"),
    path("campaigns/repeat-offenders/<int:pk>/delete/", repeat.delete, name="delete_repeat_rule"),
    path("courses/<int:pk>/replace/", replacing.replace, name="replace_course"),
    path("enrollments/", enrollments.enrollment_list, name="enrollments"),
    path("enrollments/enrolments.csv", enrollments.export, name="enrollments_csv"),
    path("enrollments/lms/", lms_page.lms_page, name="lms_page"),
    path("enrollments/lms/people/", lms_page.creating, name="creating"),
    path("enrollments/<int:pk>/", enrollments.enrollment, name="enrollment"),
    path("enrollments/bulk/", changes.bulk, name="change_enrollments"),
    path("enrollments/<int:pk>/withdraw/", changes.withdraw, name="withdraw_enrollment"),
    path("enrollments/<int:pk>/again/", changes.ask_again, name="ask_again"),
    path("enrollments/<int:pk>/done/", changes.mark_done, name="mark_done"),
    path("groups/lms/", lms.choose, name="group_lms"),
    path("hooks/gophish/<uuid:hook_id>/", hooks.gophish, name="gophish"),
    path("hooks/completions/<str:secret>/", hooks.completion, name="completion"),
]
