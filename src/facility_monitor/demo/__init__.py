"""Everything on one machine, without hardware: embedded servers, a demo site, the simulators, the story."""
