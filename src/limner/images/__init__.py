"""Where pixels live: content-addressed, checked before they are stored, stored before named."""
