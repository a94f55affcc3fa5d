.PHONY: setup demo serve check test docs migrations messages bench lock

setup: ; uv sync
demo:  ; uv run zhike demo
serve: ; uv run zhike serve
check: ; scripts/check
test:  ; uv run pytest
docs:  ; uv run pytest tests/test_docs.py -n0
migrations: ; uv run python scripts/migrations.py
messages: ; uv run python scripts/messages.py
bench: ; for name in classify live pages search database classification export duplicates; do uv run zhike bench $$name || exit; done
lock:  ; uv run python scripts/lock.py
