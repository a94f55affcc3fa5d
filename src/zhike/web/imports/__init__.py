"""导入: a file is brought in, read, mapped, tried, carried out, looked through and taken back."""
