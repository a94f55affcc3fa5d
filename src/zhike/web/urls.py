"""Addresses of the pages that show more than one app."""

from __future__ import annotations

from django.urls import path, re_path

from zhike.web.assignment import people_views as assignment_people
from zhike.web.assignment import promise_views, rule_views
from zhike.web.audit import views as audit
from zhike.web.bulk.actions import ACTIONS
from zhike.web.bulk.bin_views import bin_list, bin_restore
from zhike.web.bulk.views import bulk
from zhike.web.classes import (
    draft_views,
    edition_views,
    impact_views,
    input_views,
    manage_views,
    pack_file_views,
    pack_views,
    publish_views,
    trial_views,
)
from zhike.web.classes import views as classes
from zhike.web.classes.clock import clock
from zhike.web.completeness import views as completeness
from zhike.web.conditions import views as conditions
from zhike.web.customer import (
    access_views,
    address_views,
    advice_views,
    answer_views,
    changes,
    class_views,
    contact_views,
    file_views,
    group_views,
    log_views,
    note_views,
    reach_views,
)
from zhike.web.customer import views as customer
from zhike.web.customer.brief import brief
from zhike.web.customers import (
    cell_views,
    column_views,
    condition_views,
    peek_views,
    record_views,
    view_views,
)
from zhike.web.customers import views as customers
from zhike.web.duplicates import views as duplicates
from zhike.web.duplicates.typed import typed
from zhike.web.fields import pick_views
from zhike.web.fields import views as fields
from zhike.web.flow import views as flow
from zhike.web.home import arrange_views
from zhike.web.home import views as home
from zhike.web.imports import views as imports
from zhike.web.jobs import views as jobs
from zhike.web.ladder import settings_views as ladder_settings
from zhike.web.ladder import views as ladder
from zhike.web.merges import views as merges
from zhike.web.notifications import channel_views
from zhike.web.notifications import settings_views as notification_settings
from zhike.web.notifications import views as notifications
from zhike.web.offline import views as offline_views
from zhike.web.people import hand_over_views, people_views, person_views
from zhike.web.plans import act_views as plan_acts
from zhike.web.plans import customer_views as plans
from zhike.web.plans import template_views as plan_templates
from zhike.web.pools import owner_views
from zhike.web.pools import rule_views as pool_rules
from zhike.web.pools import settings_views as pool_settings
from zhike.web.pools import views as pools
from zhike.web.privacy import customer_views as privacy
from zhike.web.privacy import link_views, reveal_views, settings_views
from zhike.web.quarters import views as quarters
from zhike.web.rates import views as rates
from zhike.web.reviews import views as reviews
from zhike.web.scorecard import views as scorecard
from zhike.web.search import views as search
from zhike.web.tags import views as tags
from zhike.web.tasks import act_views as task_acts
from zhike.web.tasks import board_views as task_board
from zhike.web.tasks import calendar_views as task_calendar
from zhike.web.tasks import feed_views as task_feeds
from zhike.web.tasks import views as tasks
from zhike.web.teams import removal_views, role_views
from zhike.web.teams import views as teams

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search_page, name="search"),
    path("commands/", search.command_page, name="commands"),
    path("figures/", home.figures, name="figures"),
    path("home/rising/", home.rises, name="home_rising"),
    path("home/wake/", home.wake, name="home_wake"),
    path("home/team/", home.team, name="home_team"),
    path("home/company/", home.company, name="home_company"),
    path("home/reviews/", home.reviews, name="home_reviews"),
    path("home/changed/", home.changed, name="home_changed"),
    path("home/customers/<int:pk>/arrange/", arrange_views.arrange, name="home_arrange"),
    path("acknowledgements/<int:pk>/", home.confirm, name="acknowledge"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/count/", customers.customer_count, name="customer_count"),
    path("customers/filter/", customers.customer_filter, name="customer_filter"),
    path("customers/conditions/", condition_views.conditions, name="conditions"),
    path("customers/columns/", column_views.columns, name="columns"),
    path("customers/days/", cell_views.day_words, name="day_words"),
    path("customers/views/", view_views.view_list, name="views"),
    path("customers/views/new/", view_views.view_new, name="view_new"),
    path("customers/views/order/", view_views.view_order, name="view_order"),
    path("customers/views/counts/", view_views.view_counts, name="view_counts"),
    path("customers/views/<int:pk>/edit/", view_views.view_edit, name="view_edit"),
    path("customers/views/<int:pk>/save/", view_views.view_save, name="view_save"),
    path("customers/views/<int:pk>/restore/", view_views.view_restore, name="view_restore"),
    path("customers/views/<int:pk>/copy/", view_views.view_copy, name="view_copy"),
    path("customers/views/<int:pk>/pin/", view_views.view_pin, name="view_pin"),
    path("customers/views/<int:pk>/delete/", view_views.view_delete, name="view_delete"),
    path("customers/completeness/", completeness.completeness, name="completeness"),
    path("customers/completeness/missing/", completeness.missing, name="completeness_missing"),
    *(path(f"customers/{action}/", bulk, {"action": action}, name=f"bulk_{action}") for action in ACTIONS),
    path("customers/bin/", bin_list, name="bin"),
    path("customers/bin/restore/", bin_restore, name="bin_restore"),
    path("customers/merge/", merges.merge, name="merge"),
    path("customers/merges/<int:merge_pk>/", merges.merged, name="merged"),
    path("customers/merges/<int:merge_pk>/undo/", merges.merge_undo, name="merge_undo"),
    path("customers/<int:pk>/merge/", merges.merge_with, name="merge_with"),
    path("customers/new/", record_views.customer_new, name="customer_new"),
    path("customers/<int:pk>/", customer.customer_page, name="customer"),
    path("customers/<int:pk>/edit/", record_views.customer_edit, name="customer_edit"),
    path("customers/<int:pk>/history/", changes.customer_history, name="customer_history"),
    path("customers/<int:pk>/answer/", answer_views.answer, name="customer_answer"),
    path("customers/<int:pk>/peek/", peek_views.peek, name="customer_peek"),
    path("customers/<int:pk>/cell/", cell_views.cell, name="customer_cell"),
    path("customers/<int:pk>/log/", customer.log, name="customer_log"),
    path("customers/<int:pk>/log/panel/", log_views.log_panel, name="log_panel"),
    path("customers/<int:pk>/next-contact/", log_views.next_contact, name="next_contact"),
    path("log/", log_views.log_page, name="log"),
    path("offline/", offline_views.offline_page, name="offline"),
    path("service-worker.js", offline_views.service_worker, name="service_worker"),
    path("customers/<int:pk>/why/<slug:dimension>/", class_views.why, name="why"),
    path("customers/<int:pk>/why/<slug:dimension>/override/", class_views.override, name="override"),
    path("customers/<int:pk>/why/<slug:dimension>/extend/", class_views.extend, name="override_extend"),
    path("customers/<int:pk>/why/<slug:dimension>/lift/", class_views.lift, name="override_lift"),
    path("customers/<int:pk>/why/<slug:dimension>/wrong/", class_views.wrong, name="report_wrong"),
    path("customers/<int:pk>/advice/", advice_views.advice, name="advice"),
    path("customers/<int:pk>/advice/decide/", advice_views.advice_decide, name="advice_decide"),
    path("customers/<int:pk>/brief/", brief, name="brief"),
    path("customers/<int:pk>/reaches/", reach_views.customer_reaches, name="customer_reaches"),
    path("customers/<int:pk>/colleagues/", note_views.colleague_list, name="colleagues"),
    path("customers/<int:pk>/notes/<int:event_pk>/", note_views.note_edit, name="note_edit"),
    path("customers/<int:pk>/notes/<int:event_pk>/void/", note_views.note_void, name="note_void"),
    path("customers/<int:pk>/files/", file_views.customer_files, name="files"),
    path("customers/<int:pk>/files/<int:file_pk>/", file_views.file_download, name="file"),
    path("customers/<int:pk>/files/<int:file_pk>/remove/", file_views.file_remove, name="file_remove"),
    path("customers/<int:pk>/star/", file_views.customer_star, name="customer_star"),
    path("customers/<int:pk>/parent/", group_views.customer_parent, name="customer_parent"),
    path("customers/<int:pk>/relations/new/", group_views.relation_new, name="relation_new"),
    path("customers/<int:pk>/relations/<int:relation_pk>/remove/", group_views.relation_remove, name="relation_remove"),
    path("customers/<int:pk>/addresses/new/", address_views.address_new, name="address_new"),
    path("customers/<int:pk>/addresses/<int:address_pk>/", address_views.address_edit, name="address_edit"),
    path("customers/<int:pk>/addresses/<int:address_pk>/remove/", address_views.address_remove, name="address_remove"),
    path("divisions/", address_views.divisions, name="divisions"),
    path("customers/<int:pk>/contacts/new/", contact_views.contact_new, name="contact_new"),
    path("customers/<int:pk>/contacts/<int:contact_pk>/", contact_views.contact_edit, name="contact_edit"),
    path("classes/", classes.class_list, name="classes"),
    path("classes/clock/", clock, name="clock"),
    path("reviews/", reviews.queue, name="reviews"),
    path("reviews/decide/", reviews.decide_many, name="review_many"),
    path("reviews/<int:pk>/", reviews.decide, name="review"),
    path("notifications/", notifications.notification_list, name="notifications"),
    path("notifications/pulse/", notifications.pulse_of_page, name="pulse"),
    path("notifications/read/", notifications.read_all, name="notifications_read"),
    path("notifications/<int:pk>/", notifications.open_notification, name="notification"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/quick/", tasks.task_quick, name="task_quick"),
    path("tasks/board/", task_board.task_board, name="task_board"),
    path("tasks/calendar/", task_calendar.task_calendar, name="task_calendar"),
    path("tasks/days/", task_calendar.task_days, name="task_days"),
    *(path(f"tasks/{act}/", task_acts.tasks_act, {"act": act}, name=f"tasks_{act}") for act in ("done", "snooze")),
    path("tasks/<int:pk>/", tasks.task_page, name="task"),
    path("tasks/<int:pk>/done/", task_acts.task_done, name="task_done"),
    path("tasks/<int:pk>/snooze/", task_acts.task_snooze, name="task_snooze"),
    path("tasks/<int:pk>/delegate/", task_acts.task_delegate, name="task_delegate"),
    path("tasks/<int:pk>/drop/", task_acts.task_drop, name="task_drop"),
    path("tasks/<int:pk>/follow/", task_acts.task_follow, name="task_follow"),
    path("tasks/<int:pk>/check/<int:number>/", task_acts.task_check, name="task_check"),
    path("tasks/<int:pk>/move/", task_board.task_move, name="task_move"),
    path("tasks/<int:pk>/invitation/", task_feeds.task_invitation, name="task_invitation"),
    path("tasks/<int:pk>/invitation.ics", task_feeds.task_file, name="task_file"),
    path("customers/<int:pk>/plans/start/", plan_acts.plan_start, name="plan_start"),
    path("settings/plans/", plan_templates.template_list, name="plan_templates"),
    path("settings/plans/new/", plan_templates.template_page, name="plan_template_new"),
    path("settings/plans/<int:pk>/", plan_templates.template_page, name="plan_template"),
    path("plans/<int:pk>/end/", plan_acts.plan_end, name="plan_end"),
    path("customers/<int:pk>/next/", plans.customer_next, name="customer_next"),
    path("customers/<int:pk>/tasks/new/", tasks.task_new, name="customer_task_new"),
    path("calendars/<str:token>.ics", task_feeds.calendar_feed, name="calendar_feed"),
    path("overdue/", ladder.escalation_list, name="escalations"),
    path("settings/overdue/", ladder_settings.ladder_settings, name="ladder"),
    path("settings/calendar/", task_feeds.calendar_settings, name="calendar_settings"),
    path("pools/", pools.pools, name="pools"),
    path("pools/new/", pool_settings.pool_settings, name="pool_new"),
    path("pools/reasons/", pool_settings.pool_reasons, name="pool_reasons"),
    path("pools/rules/", pool_rules.pool_rules, name="pool_rules"),
    path("pools/rules/new/", pool_rules.pool_rule, name="pool_rule_new"),
    path("pools/rules/<int:pk>/", pool_rules.pool_rule, name="pool_rule"),
    *(
        path(f"pools/rules/<int:pk>/{act}/", pool_rules.pool_rule_act, {"act": act}, name=f"pool_rule_{act}")
        for act in ("pause", "run", "up", "remove")
    ),
    path("pools/<int:pk>/", pools.pool_page, name="pool"),
    path("pools/<int:pk>/claim/", pools.pool_claim, name="pool_claim"),
    path("pools/<int:pk>/best/", pools.pool_best, name="pool_best"),
    path("pools/<int:pk>/settings/", pool_settings.pool_settings, name="pool_settings"),
    path("pools/<int:pk>/customers/<int:customer>/", pools.pool_customer, name="pool_customer"),
    path("customers/<int:pk>/owners/", owner_views.customer_owners, name="customer_owners"),
    path("duplicates/", duplicates.pair_list, name="duplicates"),
    path("duplicates/search/", duplicates.search, name="duplicates_search"),
    path("duplicates/part/", duplicates.pairs_part, name="duplicates_part"),
    path("duplicates/typed/", typed, name="duplicates_typed"),
    path("duplicates/<int:pk>/", duplicates.pair_page, name="duplicate"),
    path("duplicates/<int:pk>/part/", duplicates.pair_part, name="duplicate_part"),
    path("duplicates/<int:pk>/reopen/", duplicates.pair_reopen, name="duplicate_reopen"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/after/", imports.import_after, name="import_after"),
    path("imports/<int:pk>/sheet/", imports.import_sheet, name="import_sheet"),
    path("imports/<int:pk>/layout/", imports.import_layout, name="import_layout"),
    path("imports/<int:pk>/plan/", imports.import_plan, name="import_plan"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    *(
        path(f"imports/<int:pk>/{act}/", imports.import_act, {"act": act}, name=f"import_{act}")
        for act in ("run", "pause", "resume", "stop", "undo")
    ),
    path("imports/<int:pk>/rows/<slug:verdict>/", imports.import_rows, name="import_rows"),
    path("imports/<int:pk>/verdicts.csv", imports.import_file, name="import_verdicts"),
    path("imports/<int:pk>/rejected.csv", imports.import_file, {"only": "rejected"}, name="import_rejected"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job_page, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/undo/", jobs.job_undo, name="job_undo"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job_file"),
    path("settings/notifications/", notification_settings.notification_settings, name="notification_settings"),
    path("settings/bots/", channel_views.channel_list, name="channels"),
    path("settings/bots/new/", channel_views.channel_page, name="channel_new"),
    path("settings/bots/<int:pk>/", channel_views.channel_page, name="channel"),
    path("settings/bots/<int:pk>/try/", channel_views.channel_try, name="channel_try"),
    path("settings/bots/<int:pk>/switch/", channel_views.channel_switch, name="channel_switch"),
    path("settings/bots/<int:pk>/remove/", channel_views.channel_remove, name="channel_remove"),
    path("settings/people/", people_views.people, name="people"),
    path("settings/people/invite/", people_views.invite_person, name="invite"),
    path("settings/people/invitations/<int:pk>/renew/", people_views.invitation_renew, name="invitation_renew"),
    path(
        "settings/people/invitations/<int:pk>/withdraw/", people_views.invitation_withdraw, name="invitation_withdraw"
    ),
    path("settings/people/<int:pk>/", person_views.person, name="person"),
    path("settings/people/<int:pk>/active/", person_views.person_active, name="person_active"),
    path("settings/people/<int:pk>/sessions/", person_views.person_sessions, name="person_sessions"),
    path("settings/people/<int:pk>/second/", person_views.person_second, name="person_second"),
    path("settings/people/<int:pk>/password/", person_views.person_password, name="person_password"),
    path("settings/people/<int:pk>/hand-over/", hand_over_views.hand_over, name="hand_over"),
    path("settings/people/<int:pk>/rules/", hand_over_views.give_rules, name="give_rules"),
    path("customers/<int:pk>/privacy/", privacy.customer_privacy, name="customer_privacy"),
    path("customers/<int:pk>/privacy/consent/", privacy.consent, name="consent"),
    path("customers/<int:pk>/privacy/sensitive/", privacy.sensitive_empty, name="sensitive_empty"),
    path("customers/<int:pk>/privacy/profiling/", privacy.profiling, name="profiling"),
    path("customers/<int:pk>/privacy/request/", privacy.request_new, name="privacy_request_new"),
    path("customers/<int:pk>/privacy/package.zip", privacy.package, name="privacy_package"),
    path("customers/<int:pk>/privacy/erase/", privacy.erase, name="erase"),
    path("customers/<int:pk>/reveal/<str:field>/", reveal_views.reveal_customer, name="reveal"),
    path(
        "customers/<int:pk>/contacts/<int:contact_pk>/reveal/<str:field>/",
        reveal_views.reveal_contact,
        name="reveal_contact",
    ),
    path("consents/<str:token>/", link_views.withdraw, name="withdraw"),
    path("settings/privacy/", settings_views.request_list, name="privacy_requests"),
    path("settings/privacy/<int:pk>/", settings_views.request_close, name="privacy_request"),
    path("settings/privacy/inventory/", settings_views.inventory, name="inventory"),
    path("settings/privacy/assessment/", settings_views.impact_assessment, name="impact_assessment"),
    path("settings/privacy/texts/<slug:purpose>/", settings_views.consent_text, name="consent_text"),
    path("settings/tags/", tags.tag_list, name="tags"),
    path("settings/tags/<int:pk>/", tags.tag_page, name="tag"),
    path("settings/tags/<int:pk>/merge/", tags.tag_merge, name="tag_merge"),
    path("settings/tags/<int:pk>/retire/", tags.tag_retire, name="tag_retire"),
    path("customers/<int:pk>/access/", access_views.customer_access, name="customer_access"),
    path("customers/<int:pk>/access/<int:share>/end/", access_views.share_end, name="share_end"),
    path("settings/teams/", teams.teams, name="teams"),
    path("settings/teams/new/", teams.team_new, name="team_new"),
    path("settings/teams/<int:pk>/", teams.team, name="team"),
    path("settings/teams/<int:pk>/remove/", removal_views.team_remove, name="team_remove"),
    path("settings/roles/<slug:key>/remove/", removal_views.role_remove, name="role_remove"),
    path("settings/territories/<int:pk>/remove/", removal_views.territory_remove, name="territory_remove"),
    path("settings/roles/<slug:key>/", role_views.role, name="role"),
    path("settings/roles/<slug:key>/copy/", role_views.role_copy, name="role_copy"),
    path("settings/territories/new/", teams.territory_new, name="territory_new"),
    path("settings/territories/<int:pk>/", teams.territory, name="territory"),
    path("settings/audit/", audit.audit_log, name="audit"),
    path("settings/audit.csv", audit.audit_file, name="audit_file"),
    path("settings/fields/", fields.field_list, name="fields"),
    path("settings/fields/order/", fields.field_order, name="field_order"),
    path("settings/fields/new/<slug:kind>/", fields.field_new, name="field_new"),
    path("settings/fields/sections/new/", fields.section_new, name="field_section_new"),
    path("settings/fields/sections/<int:pk>/", fields.section_edit, name="field_section"),
    path("settings/fields/<int:pk>/", fields.field_edit, name="field"),
    path("settings/fields/<int:pk>/retire/", fields.field_retire, name="field_retire"),
    path("settings/fields/<int:pk>/delete/", fields.field_delete, name="field_delete"),
    path("settings/assignment/", rule_views.rule_list, name="assignment"),
    path("settings/assignment/order/", rule_views.rule_order, name="assignment_order"),
    path("settings/assignment/new/", rule_views.rule_new, name="assignment_rule_new"),
    path("settings/assignment/try/", rule_views.rule_try, name="assignment_try"),
    path("settings/assignment/me/", assignment_people.assignment_me, name="assignment_me"),
    path("settings/assignment/load/", assignment_people.load_page, name="assignment_load"),
    path("settings/assignment/promises/", promise_views.promise_list, name="promises"),
    path("settings/assignment/<int:pk>/", rule_views.rule_page, name="assignment_rule"),
    path("settings/assignment/<int:pk>/pause/", rule_views.rule_pause, name="assignment_pause"),
    path("settings/assignment/<int:pk>/move/", rule_views.rule_move, name="assignment_move"),
    path("settings/assignment/<int:pk>/remove/", rule_views.rule_remove, name="assignment_remove"),
    path("settings/assignment/people/<int:pk>/", assignment_people.assignment_person, name="assignment_person"),
    path("settings/assignment/absences/<int:pk>/remove/", assignment_people.absence_remove, name="absence_remove"),
    path("settings/rates/", rates.rate_list, name="rates"),
    path("settings/rates/<int:pk>/", rates.rate_restate, name="rate_restate"),
    path("pick/people/", pick_views.pick_people, name="pick_people"),
    path("pick/customers/", pick_views.pick_customers, name="pick_customers"),
    path("classes/new/", manage_views.dimension_new, name="dimension_new"),
    path("classes/order/", manage_views.dimension_order, name="dimension_order"),
    path("classes/packs/", pack_views.pack_list, name="packs"),
    path("classes/packs/file/", pack_file_views.pack_file, name="pack_file"),
    path("classes/packs/export.yaml", edition_views.pack_export, name="pack_export"),
    path("classes/packs/<slug:pack>/", pack_views.pack_page, name="pack"),
    path("classes/packs/<slug:pack>/install/", pack_views.pack_install, name="pack_install"),
    path("classes/packs/<slug:pack>/edition/", edition_views.pack_edition, name="pack_edition"),
    path("classes/publications/<int:pk>/", publish_views.publication_page, name="publication"),
    path("classes/publications/<int:pk>/cancel/", publish_views.publication_cancel, name="publication_cancel"),
    path("classes/publications/<int:pk>/confirm/", publish_views.publication_confirm, name="publication_confirm"),
    path("classes/review/", quarters.latest, name="quarter_latest"),
    re_path(r"^classes/review/(?P<quarter>\d{4}-Q[1-4])/$", quarters.quarter_page, name="quarter"),
    re_path(r"^classes/review/(?P<quarter>\d{4}-Q[1-4])/close/$", quarters.quarter_close, name="quarter_close"),
    re_path(r"^classes/review/(?P<quarter>\d{4}-Q[1-4])/count/$", quarters.quarter_recount, name="quarter_count"),
    re_path(r"^classes/review/(?P<quarter>\d{4}-Q[1-4])/count/stop/$", quarters.quarter_stop, name="quarter_stop"),
    path("classes/<slug:dimension>/", classes.dimension_page, name="dimension"),
    path("classes/<slug:dimension>/compare/", classes.compare_versions, name="compare"),
    path("classes/<slug:dimension>/inputs/", input_views.dimension_inputs, name="dimension_inputs"),
    path("classes/<slug:dimension>/inputs/<int:pk>/allow/", input_views.input_allow, name="input_allow"),
    path("classes/<slug:dimension>/owner/", manage_views.dimension_owner, name="dimension_owner"),
    path("classes/<slug:dimension>/pause/", manage_views.dimension_pause, name="dimension_pause"),
    path("classes/<slug:dimension>/retire/", manage_views.dimension_retire, name="dimension_retire"),
    path("classes/<slug:dimension>/roll-back/<int:number>/", publish_views.dimension_roll_back, name="roll_back"),
    path("classes/<slug:dimension>/draft/", draft_views.draft_page, name="draft"),
    path("classes/<slug:dimension>/draft/start/", draft_views.draft_start, name="draft_start"),
    path("classes/<slug:dimension>/draft/discard/", draft_views.draft_discard, name="draft_discard"),
    path("classes/<slug:dimension>/draft/preview/", impact_views.draft_preview, name="draft_preview"),
    path("classes/<slug:dimension>/draft/moved/", impact_views.draft_moved, name="draft_moved"),
    path("classes/<slug:dimension>/draft/moved.csv", impact_views.draft_moved_file, name="draft_moved_file"),
    path("classes/<slug:dimension>/draft/trial/", trial_views.draft_trial, name="draft_trial"),
    path("classes/<slug:dimension>/draft/publish/", publish_views.draft_publish, name="draft_publish"),
    path("conditions/check/", conditions.condition_check, name="condition_check"),
    path("conditions/text/", conditions.condition_text, name="condition_text"),
    path("conditions/values/", conditions.condition_values, name="condition_values"),
    path("classes/<slug:dimension>/scorecard/", scorecard.class_scorecard, name="scorecard"),
    path("classes/<slug:dimension>/flow/", flow.class_flow, name="flow"),
    path("classes/<slug:dimension>/flow.csv", flow.class_flow_file, name="flow_file"),
]
