"""知客 Zhike: a CRM whose heart is live, explainable customer classification."""
