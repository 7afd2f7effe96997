"""What in a picture is the subject, at the network's size: separate subjects, and the one that prompts choose."""
