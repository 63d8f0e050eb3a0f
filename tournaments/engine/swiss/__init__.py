"""Swiss pairing: each round pairs entrants of equal or near points who have not met."""
