import ArgumentParser
struct Growth: ParsableCommand { func run() throws {} }
