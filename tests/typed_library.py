"""A stand-in for a system's library, called with what its functions are declared to take."""


class Function:
    """Refuses arguments as ctypes would, then calls the method of the stand-in."""

    argtypes = None
    restype = None

    def __init__(self, method):
        self.method = method

    def __call__(self, *arguments):
        assert self.restype is not None
        assert len(arguments) == len(self.argtypes or ())
        for kind, argument in zip(self.argtypes or (), arguments, strict=True):
            kind.from_param(argument)
        return self.method(*arguments)


class TypedLibrary:
    """Has the methods of a stand-in as functions."""

    def __init__(self, stand_in):
        self.stand_in = stand_in

    def __getattr__(self, name):
        function = Function(getattr(self.stand_in, name))
        setattr(self, name, function)
        return function
