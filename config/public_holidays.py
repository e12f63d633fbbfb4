"""The door to holidays: the public holidays of a country, by ISO 3166-1 alpha-2 code, and of a part of it, by ISO 3166-2 code."""

from datetime import date
from functools import cache


@cache
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """Days off in a year, substitutes for those that fall on a weekend included. None for country "".

    Raises ValueError that says what is allowed.
    """
    if not country:
        return frozenset()
    import holidays  # takes a fifth of a second, which a desk without a country need not wait for

    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year).keys())
    except NotImplementedError:
        pass
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise ValueError(f'no public holidays are known of "{country}"; write a country as "DE", "FR", "BR"') from None
    parts = ", ".join(known[country]) or "none"
    raise ValueError(f'no public holidays are known of the subdivision "{subdivision}" of {country}; known: {parts}') from None
