"""What is done to many customers at once: those picked in the list, or all that its filter keeps."""
