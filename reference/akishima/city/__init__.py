"""The synthetic city: people, households, care certificates and school records, drawn from one seed. 架空データ."""
