"""The parameters of each model version, as dated data, and the questions that one asks of it.

Midjourney is the authority: the data is for warnings, controls and estimates, never for refusing a prompt.
"""

from __future__ import annotations

from dataclasses import replace

from midjourney.parameters.model import Conflict, Cost, Kind, Limits, Parameter, Role, Support, Version
from midjourney.parameters.table import ASPECT_RATIOS, CONFLICTS, COST, PARAMETERS, RATIO_LIMITS, ROLES, WEIGHTS
from midjourney.parameters.versions import AS_OF, CURRENT_NIJI, SOURCE, VERSIONS, default_version, known_version

__all__ = [
    "ASPECT_RATIOS",
    "AS_OF",
    "CONFLICTS",
    "COST",
    "CURRENT_NIJI",
    "PARAMETERS",
    "RATIO_LIMITS",
    "ROLES",
    "SOURCE",
    "VERSIONS",
    "WEIGHTS",
    "Conflict",
    "Cost",
    "Kind",
    "Limits",
    "Parameter",
    "Role",
    "Support",
    "Version",
    "default_version",
    "known_version",
    "limits",
    "parameter",
    "parameters_for",
    "reference_roles",
    "support",
    "weights_support",
]

_BY_NAME = {name: spec for spec in PARAMETERS for name in (spec.name, *spec.aliases)}


def parameter(name: str) -> Parameter | None:
    """The parameter with this name or alias, without dashes and in any case; None where there is none."""
    return _BY_NAME.get(name.lower())


def support(name: str, version: str) -> Support:
    """Whether a version knows a parameter; "disputed" for a version or parameter that the data does not hold."""
    spec = parameter(name)
    return spec.support.get(version, "disputed") if spec else "disputed"


def weights_support(version: str) -> Support:
    """Whether a version understands multi-prompts (`a::2 b`)."""
    return WEIGHTS.get(version, "disputed")


def limits(name: str, version: str) -> Limits:
    """What a value may be in that version; empty limits for an unknown parameter."""
    spec = parameter(name)
    return spec.per_version.get(version, spec.limits) if spec else Limits()


def parameters_for(version: str, *, video: bool = False) -> tuple[Parameter, ...]:
    """The parameters worth a control, in display order: those not ruled out, disputed ones included."""
    if video:
        return tuple(spec for spec in PARAMETERS if spec.with_video)
    return tuple(spec for spec in PARAMETERS if not spec.only and support(spec.name, version) != "no")


def reference_roles(version: str, *, video: bool = False) -> tuple[Role, ...]:
    """The roles that a reference image may have in that version, or in a video, each with how certain that is."""
    if video:
        return tuple(role for role in ROLES if role.only == "video")
    judged = (replace(role, support=support(role.parameter or role.weight, version)) for role in ROLES if not role.only)
    return tuple(role for role in judged if role.support != "no")
