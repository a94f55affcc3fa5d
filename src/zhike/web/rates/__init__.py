"""设置 → 汇率: what other currencies are worth from which day on."""
