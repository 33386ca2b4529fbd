import ArgumentParser
Reproduce.main()
