from .desk import Desk as Desk
from .desk import open_desk as open_desk
from .server import Serving as Serving
from .server import open_page as open_page
