print("landbridge")
