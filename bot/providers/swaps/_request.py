"""A swap as it was made, held against what was asked for."""

from dataclasses import replace

from bot.domain.swaps import Stage, Swap, SwapRequest
from bot.providers.swaps._fields import number


def completed(swap: Swap, request: SwapRequest) -> Swap | None:
    """With what the answer left out. None where it contradicts the request, or has no address to pay to."""
    told = [
        (swap.source, request.source),
        (swap.target, request.target),
        (swap.payout_address, request.address),
        (swap.payout_memo, request.memo),
        (swap.kind, request.kind),
        (swap.amount_expected, number(request.amount)),
    ]
    if not swap.payin_address or any(answer and not _same(answer, asked) for answer, asked in told):
        return None
    return replace(
        swap,
        stage=swap.stage if swap.raw_stage else Stage.NEW,
        raw_stage=swap.raw_stage or Stage.NEW.value,
        source=request.source,
        target=request.target,
        kind=request.kind,
        payout_address=swap.payout_address or request.address,
        payout_memo=swap.payout_memo or request.memo,
        refund_address=swap.refund_address or request.refund_address,
        amount_expected=number(request.amount),
    )


def _same(answer: object, asked: object) -> bool:
    """Some networks write an address in either case."""
    return str(answer).casefold() == str(asked).casefold() if isinstance(answer, str) else answer == asked
