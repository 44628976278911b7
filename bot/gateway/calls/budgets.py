"""What callers are told where a budget lets no call in; pure."""

from bot.domain.api import ApiError
from bot.domain.errors import LimitReached
from bot.store.reservations import Limits

OWN = ("extractive", "local")  # models that run here: nobody is paid for them


def spent(error: LimitReached) -> ApiError:
    """Nothing is left of a budget: asking again does not help today."""
    return ApiError(
        str(error),
        status=429,
        type="insufficient_quota",
        code="budget_exceeded",
        may_retry=False,
    )


def require_price(models: str, limits: Limits | None) -> None:
    """A budget of money does not hold for what nobody knows the price of.

    `models` are names as NELLIE_MODEL has them, with commas between. Raises ApiError.
    """
    if limits is None or not any(name.endswith("cost") for name in limits.most):
        return
    for model in models.split(","):
        if model not in limits.prices and model.partition("/")[0] not in OWN:
            raise ApiError(
                f"{model} has no price, and there is a budget of money: an operator can write its"
                " price into NELLIE_PRICES.",
                status=403,
                type="insufficient_quota",
                code="model_without_price",
                param="model",
            )
