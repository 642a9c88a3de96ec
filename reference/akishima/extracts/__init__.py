"""What each department's system puts out: one module a department, each with its formats and habits. 架空データ."""
