"""The public register of companies (API Recherche d'entreprises), asked by SIRET."""
