"""`POST /remove`: a picture in, its cutout out."""
