"""What kind of mail it is: a person's, an automatic response, a delivery report, a complaint, a mere thank-you."""
