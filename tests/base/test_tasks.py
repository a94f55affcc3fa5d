"""Jobs of a killed worker run again, but not for ever."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from zhike.base.tasks import MOST_ATTEMPTS, rescue_stalled

pytestmark = pytest.mark.django_db(transaction=True)


def job_of_a_dead_worker(*, attempts: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id)"
            " INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, worker_id)"
            " SELECT 'default', 'any', 'doing', %s, id FROM dead RETURNING id",
            [attempts],
        )
        (job,) = cursor.fetchone()
    return job


def status(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        (found,) = cursor.fetchone()
    return found


def test_job_of_a_killed_worker_runs_again():
    job = job_of_a_dead_worker(attempts=1)
    async_to_sync(rescue_stalled.func)(0)
    assert status(job) == "todo"


def test_job_that_keeps_killing_its_workers_is_given_up():
    job = job_of_a_dead_worker(attempts=MOST_ATTEMPTS)
    async_to_sync(rescue_stalled.func)(0)
    assert status(job) == "failed"


def test_job_whose_next_waits_already_makes_room_for_it():
    dead = job_of_a_dead_worker(attempts=1)
    other = job_of_a_dead_worker(attempts=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = 'a', lock = 'a' WHERE id = %s", [dead])
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, lock)"
            " VALUES ('default', 'any', 'a', 'a') RETURNING id"
        )
        (waiting,) = cursor.fetchone()
    async_to_sync(rescue_stalled.func)(0)
    assert (status(dead), status(waiting), status(other)) == ("failed", "todo", "todo")
