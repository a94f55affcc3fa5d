"""Addresses of the pages that show more than one app."""

from __future__ import annotations

from django.urls import path

from zhike.web.classes import views as classes
from zhike.web.classes.clock import clock
from zhike.web.customer import class_views, contact_views
from zhike.web.customer import views as customer
from zhike.web.customers import record_views
from zhike.web.customers import views as customers
from zhike.web.home import views as home
from zhike.web.notifications import views as notifications
from zhike.web.reviews import views as reviews

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    path("figures/", home.figures, name="figures"),
    path("acknowledgements/<int:pk>/", home.confirm, name="acknowledge"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/filter/", customers.customer_filter, name="customer_filter"),
    path("customers/new/", record_views.customer_new, name="customer_new"),
    path("customers/<int:pk>/", customer.customer_page, name="customer"),
    path("customers/<int:pk>/edit/", record_views.customer_edit, name="customer_edit"),
    path("customers/<int:pk>/log/", customer.log, name="customer_log"),
    path("customers/<int:pk>/why/<slug:dimension>/", class_views.why, name="why"),
    path("customers/<int:pk>/why/<slug:dimension>/override/", class_views.override, name="override"),
    path("customers/<int:pk>/why/<slug:dimension>/extend/", class_views.extend, name="override_extend"),
    path("customers/<int:pk>/why/<slug:dimension>/lift/", class_views.lift, name="override_lift"),
    path("customers/<int:pk>/why/<slug:dimension>/wrong/", class_views.wrong, name="report_wrong"),
    path("customers/<int:pk>/contacts/new/", contact_views.contact_new, name="contact_new"),
    path("customers/<int:pk>/contacts/<int:contact_pk>/", contact_views.contact_edit, name="contact_edit"),
    path("classes/", classes.class_list, name="classes"),
    path("classes/clock/", clock, name="clock"),
    path("reviews/", reviews.queue, name="reviews"),
    path("reviews/decide/", reviews.decide_many, name="review_many"),
    path("reviews/<int:pk>/", reviews.decide, name="review"),
    path("notifications/", notifications.notification_list, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read"),
    path("notifications/<int:pk>/", notifications.open_notification, name="notification"),
    path("settings/notifications/", notifications.notification_settings, name="notification_settings"),
]
