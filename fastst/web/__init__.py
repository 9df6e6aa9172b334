"""A static page that stylizes photos and the camera in the browser; see ``fastst.web.export``."""
