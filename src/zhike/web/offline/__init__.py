"""What there is without a connection: a page on which a log is written, and the service worker that shows it."""
