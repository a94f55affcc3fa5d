"""健康报告: what becomes of the classes of a dimension."""
