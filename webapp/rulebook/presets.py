"""Rule sets to begin with. They are copied into dated rows; nobody computes with them directly."""

from __future__ import annotations

from webapp.rulebook.rules import Terms


def _terms(preset: str, **numbers: int | None) -> Terms:
    usual: dict[str, int | None] = {
        "threshold_share": None,
        "threshold_floor": 1,
        "threshold_cap": None,
        "minimum_support_percent": 50,
        "spread_places": 0,
        "spread_supports": 0,
        "collection_days": 180,
        "triage_working_days": 5,
        "answer_working_days": 15,
        "appeal_working_days": 15,
        "return_days": 30,
        "withdraw_below": 100,
        # APPC, article 76: once, for a reasonable time of at most two months, with reasons
        "extensions": 1,
        "extension_working_days": 15,
        "questions": 2,
        "verify_working_days": 2,
        "letter_days": 365,
        "offer_working_days": 15,
        "promise_working_days": 15,
        "moves": 2,
        "move_days": 180,
        "missed_again_working_days": 10,
        "judging_days": 28,
        "judging_minimum": 3,
        "replan_working_days": 10,
        "merger_days": 30,
        "plan_wait_days": 30,
        "progress_percent": 25,
        "home_days": 90,
    }
    return Terms(preset=preset, **(usual | numbers))  # type: ignore[arg-type]


def _small(places: int, supports: int) -> dict[str, int]:
    return {
        "spread_places": places,
        "spread_supports": supports,
        "withdraw_below": 10,
        "collection_days": 90,
        "triage_working_days": 3,
    }


def _lawful(answer: int) -> dict[str, int]:
    return {"triage_working_days": 20, "answer_working_days": answer, "withdraw_below": 50}


#: preset name > rung > terms
PRESETS: dict[str, dict[str, Terms]] = {
    # small numbers, for a demonstration with 400 residents
    "demo": {
        "city": _terms("demo", threshold_number=20, **_small(0, 0)),
        "region": _terms("demo", threshold_number=40, **_small(2, 8)),
        "nation": _terms("demo", threshold_number=100, **_small(3, 10)),
    },
    # 0.5 %, 0.2 %, 0.1 % of the population between floors and caps
    "saty-default": {
        "city": _terms(
            "saty-default", threshold_number=500, threshold_share=500, threshold_floor=100, threshold_cap=2500
        ),
        "region": _terms(
            "saty-default",
            threshold_number=2500,
            threshold_share=200,
            threshold_floor=500,
            threshold_cap=5000,
            spread_places=2,
            spread_supports=25,
        ),
        "nation": _terms(
            "saty-default",
            threshold_number=20000,
            threshold_share=100,
            threshold_floor=5000,
            threshold_cap=20000,
            spread_places=3,
            spread_supports=500,
        ),
    },
    # Law on public control, amendments of 2 October 2023: towns over 50,000 people 2,500; akimat of a region 1 %;
    # Government 50,000; check within 20 working days; collection six months; answers in 20 and 40 working days
    "kz-petition-2024": {
        "city": _terms("kz-petition-2024", threshold_number=2500, **_lawful(20)),
        "region": _terms("kz-petition-2024", threshold_number=10000, threshold_share=1000, **_lawful(20)),
        "nation": _terms("kz-petition-2024", threshold_number=50000, **_lawful(40)),
    },
}
