"""Acts on plans that change more than one row."""

from funnel.services.changes import COLUMNS
from funnel.services.channels import MOST_CHANNELS, ChannelPlan, save_channels
from funnel.services.funnels import CHAIN, LINKS, ROOT, FunnelPlan, Link, save_funnel
from funnel.services.kgis import drop_kgi, hold_standing, restore_kgi, save_kgi
from funnel.services.kpis import save_kpi
from funnel.services.readings import (
    BY_HAND,
    LARGEST_READING,
    Saved,
    Unsaid,
    Written,
    place_of,
    record_actual,
    record_by_hand,
    record_reading,
    refuse_day,
    save_readings,
    source_by_hand,
)
from funnel.services.scenarios import adopt_scenario, drop_scenario, restore_scenario, save_scenario
from funnel.services.trees import add_kpi, drop_kpi, move_kpi, restore_kpi, shape_kpi

__all__ = [
    "BY_HAND",
    "CHAIN",
    "COLUMNS",
    "LARGEST_READING",
    "LINKS",
    "MOST_CHANNELS",
    "ROOT",
    "ChannelPlan",
    "FunnelPlan",
    "Link",
    "Saved",
    "Unsaid",
    "Written",
    "add_kpi",
    "adopt_scenario",
    "drop_kgi",
    "drop_kpi",
    "drop_scenario",
    "hold_standing",
    "move_kpi",
    "place_of",
    "record_actual",
    "record_by_hand",
    "record_reading",
    "refuse_day",
    "restore_kgi",
    "restore_kpi",
    "restore_scenario",
    "save_channels",
    "save_funnel",
    "save_kgi",
    "save_kpi",
    "save_readings",
    "save_scenario",
    "shape_kpi",
    "source_by_hand",
]
