import ArgumentParser
import NIOPosix
import Logging
@main struct P: ParsableCommand {}
