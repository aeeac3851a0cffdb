"""The admin as a service desk: site, navigation, home, first steps. The top: it may ask every room."""
