"""What kind of mail is it: a person's, a robot's, a delivery report, a list's, or only thanks?"""
