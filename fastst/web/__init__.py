"""A static page that repaints photos and the camera in the browser; see ``fastst.web.export``."""
