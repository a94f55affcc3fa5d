"""What the worker does with the timeline."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

logger = logging.getLogger("zhike.audit")


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="timeline.seal", lock="timeline.seal", pass_context=False)
def seal(timestamp: int = 0) -> int:
    """Every ten minutes: seal what has come into the audit log."""
    del timestamp
    from zhike.timeline.sealing import seal_timeline  # noqa: PLC0415

    return seal_timeline()


@app.periodic(cron="40 18 * * 6")
@app.task(queueing_lock="timeline.check_audit", pass_context=False)
def check_audit(timestamp: int = 0) -> bool:
    """Once a week: follow the audit log and the seals of the timeline, and write into the log what is broken."""
    del timestamp
    from zhike.audit.chain import read_chain  # noqa: PLC0415
    from zhike.timeline.sealing import check_seals  # noqa: PLC0415

    chain, seals = read_chain(), check_seals()
    if chain.broken is not None:
        logger.error("the audit log is broken at entry %s: %s", *chain.broken)
    if seals.broken is not None:
        logger.error("the timeline was changed between events %s and %s", *seals.broken[:2])
    return chain.broken is None and seals.broken is None
