"""What lesson 08 claims in numbers, each with the test that makes it true."""
CLAIMS = {}
