"""The cells that are about an incident."""

from itsm.ui.cells import cell, one_of_few

clock_cell = cell("incidents/desk/cells/clock.html")
incident_cell = cell("incidents/desk/cells/incident.html")
owner_cell = cell("incidents/desk/cells/owner.html")
priority_cell = one_of_few("incidents/desk/cells/priority.html")
state_cell = one_of_few("incidents/desk/cells/state.html")
updated_cell = cell("incidents/desk/cells/updated.html")
